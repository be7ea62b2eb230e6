"""The built-in vendors: a made-up market world, spoken in the real vendors' wire formats. See README.md."""
