"""The waiting list: neighbours stand in line for an object that somebody else has, first come, first served; whose turn
it is finds it kept aside."""
