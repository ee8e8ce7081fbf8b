"""What the functions of this project share."""
