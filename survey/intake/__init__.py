"""The citizen's door: every channel ends in accept, every cancellation in void."""
