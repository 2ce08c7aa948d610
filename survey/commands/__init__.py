"""The ``flask …`` commands: parse, open a transaction, call, show progress, print."""
