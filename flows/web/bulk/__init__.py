"""Many questions decided together: which fit, what their table shows, and the answer they share."""
