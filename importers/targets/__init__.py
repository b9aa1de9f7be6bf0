"""Where records go: one module for each kind of object, each a ``contract.Target`` over the services of a room."""
