"""Auto-enrollment: new offers of a brand are joined by themselves, as the store once chose, until it says otherwise."""
