"""Files and rows from elsewhere, read, mapped, checked and merged: see docs/importing.md."""
