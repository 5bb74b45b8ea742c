"""Events for partner systems, by the Standard Webhooks specification (https://www.standardwebhooks.com).

names: which recorded events leave the house, and under which name. messages: what a message says, written once
beside the event. delivery: bringing it, in order, again and again, one endpoint never delaying another.
"""
