"""What everyone talks about: frozen values, no disk, no clock, no words."""
