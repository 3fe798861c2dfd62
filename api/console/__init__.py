"""The planners' console: pages drawn here, in the same application, by the same deeds as the API.

A planner signs in with a planner's key and reads, decides and watches. Every page works without
JavaScript and is whole when printed; scripts add the ticking clocks, the keys and the live day.
Nothing is decided here: a form asks the deed that the API asks, and shows what it answered.
"""
