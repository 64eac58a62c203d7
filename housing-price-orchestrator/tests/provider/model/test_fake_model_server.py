"""The fake keeps the contract that the real servers keep."""

from fake_model_server import FakeModelServer, serving
from model_server_contract import assert_keeps_the_contract


def test_the_fake_keeps_the_contract_of_our_model_server() -> None:
    with serving(FakeModelServer()) as url:
        assert_keeps_the_contract(url, says_who_it_is=True)


def test_the_fake_with_records_keeps_the_contract_of_records() -> None:
    with serving(FakeModelServer(gives_records=True)) as url:
        assert_keeps_the_contract(url, says_who_it_is=True)


def test_the_fake_without_a_version_keeps_mlflows_contract() -> None:
    with serving(FakeModelServer(version=None)) as url:
        assert_keeps_the_contract(url, says_who_it_is=False)
