"""Tests that the document tells of every address the whole server mounts, and that the page shows them to people."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from starlette.routing import Route

from server.app import Application
from server.config import ServerConfig
from server.doors.openapi.served import SERVED
from server.doors.supabase import not_served
from tests.support.running_server import RunningServer, running_server

UNTOLD = {("GET", "/docs/{name}")}
"""The files of the page at /docs. What is refused by name (405, 501) is left out too."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("served")) as running:
        yield running


def test_that_every_mounted_address_is_described_and_every_described_one_mounted(tmp_path: Path) -> None:
    application = Application(ServerConfig(), tmp_path)
    routes = [route for route in application.http.routes if isinstance(route, Route)]
    application.store.close()
    mounted = {
        (method, route.path.replace(":path}", "}"))
        for route in routes
        for method in (route.methods or {"GET"})
        if method != "HEAD" and route.endpoint.__module__ != not_served.__name__
    }
    assert mounted - UNTOLD == {(one.method, one.path) for one in SERVED}


def test_that_the_document_is_of_the_version_it_says_and_refers_to_nothing_missing(server: RunningServer) -> None:
    answer = server.get("/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    known = document["components"]["schemas"]
    referred = {part.split('"')[0] for part in answer.text.split("#/components/schemas/")[1:]}
    assert referred <= set(known)
    for one in SERVED:
        assert one.method.lower() in document["paths"][one.path]


@pytest.mark.browser
def test_that_people_can_read_and_filter_the_document(server: RunningServer) -> None:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium") or ""
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    browser = webdriver.Chrome(options=options, service=service)
    try:
        browser.get(f"{server.url}/docs")
        WebDriverWait(browser, 10).until(lambda found: found.find_elements(By.CSS_SELECTOR, "details"))
        folds = browser.find_elements(By.CSS_SELECTOR, "details")
        assert len(folds) == len(SERVED)
        browser.find_element(By.ID, "filter").send_keys("/api/bookings/status")
        shown = [fold for fold in folds if fold.is_displayed()]
        assert [fold.find_element(By.CSS_SELECTOR, ".method").text for fold in shown] == ["PATCH", "POST"]
        shown[0].find_element(By.CSS_SELECTOR, "summary").click()
        assert "illegal_transition" in shown[0].text
        assert "REQ1759286674249" in shown[0].text
        assert [line for line in browser.get_log("browser") if line["level"] == "SEVERE"] == []
    finally:
        browser.quit()
