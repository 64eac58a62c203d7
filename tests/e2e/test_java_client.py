"""The default HTTP client of Java, which asks for HTTP/2 with each request, gets its prices."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from attacked_service import SINGLE, Service, service
from house_record import example_document

__all__ = ["service"]  # a fixture, in force because it is here

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SOURCE = """
import java.net.URI;
import java.net.http.*;

public class Price {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newHttpClient();
        for (int round = 0; round < 3; round++) {
            var request = HttpRequest.newBuilder(URI.create(arguments[0]))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(arguments[1])).build();
            var response = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(response.statusCode() + " " + response.body());
        }
    }
}
"""


@pytest.mark.skipif(shutil.which("java") is None, reason="no java is installed: apt-get install default-jdk-headless")
def test_the_default_client_of_java_gets_its_price_three_times(service: Service, tmp_path: Path) -> None:
    program = tmp_path / "Price.java"
    program.write_text(SOURCE, encoding="utf-8")
    command = ["java", str(program), f"{service[0].base_url}{SINGLE}", json.dumps(example_document())]

    ran = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)

    assert ran.returncode == 0, ran.stderr
    assert [line[:5] for line in ran.stdout.splitlines()] == ["200 {"] * 3
