"""The class's people, for bin/students.sh: import them, invite them, export and erase their data."""
