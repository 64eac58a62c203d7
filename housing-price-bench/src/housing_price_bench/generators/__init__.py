"""Programs that send a load, each told what to send by its command line and read by its output."""
