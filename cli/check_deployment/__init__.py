"""The checks of bin/check-deployment.sh: one module for each subject."""
