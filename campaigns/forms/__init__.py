"""Forms of campaigns. They check shapes and offer choices; services decide."""
