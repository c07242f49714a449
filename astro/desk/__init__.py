"""The staff's shell: home, navigation, and pages that show several modules at once."""
