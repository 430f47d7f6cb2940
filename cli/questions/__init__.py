"""Question banks: reading the files of other systems into the class, and writing the class's questions for them."""
