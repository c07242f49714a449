"""Programs of the store's own: made, changed and ended by the store itself."""
