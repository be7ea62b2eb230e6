"""Sample vendors, one file per wire format; each exports ``VENDOR``. The registry finds them by that name."""
