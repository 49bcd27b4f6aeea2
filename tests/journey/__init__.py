import pytest

pytest.register_assert_rewrite(
    *(f"tests.journey.{name}" for name in ("importing", "planning", "visiting", "helping", "figures"))
)
