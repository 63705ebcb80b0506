"""What stewards look after: jobs and their failures, the health of the installation."""
