"""PostgREST's addresses, /rest/v1: rows read under the visibility rule, written as operations."""
