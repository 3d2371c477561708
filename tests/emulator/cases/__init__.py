"""What each function must answer: expressions of the official client with values computed without the emulator."""
