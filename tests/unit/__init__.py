"""What each module does, alone: no database, no socket, no sleep."""
