"""All HTTP addresses of this server in one list; a test compares it with what `app.py` mounts."""

from server.doors.booking_api import routes as booking_api
from server.doors.customer_page import routes as customer_page
from server.doors.endpoint import Endpoint
from server.doors.monitoring import routes as monitoring
from server.doors.openapi import sync_endpoints
from server.doors.supabase import routes as supabase

SERVED: tuple[Endpoint, ...] = (
    *supabase.ENDPOINTS,
    *booking_api.ENDPOINTS,
    *sync_endpoints.ENDPOINTS,
    *customer_page.ENDPOINTS,
    *monitoring.ENDPOINTS,
    Endpoint("GET", "/openapi.json", "This document.", "documentation", access="public"),
    Endpoint("GET", "/docs", "The page to read it.", "documentation", access="public", media_type="text/html"),
)
