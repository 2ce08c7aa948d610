"""From exact counts to rates with their evidence: one result type, everywhere."""
