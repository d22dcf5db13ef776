# worklists
