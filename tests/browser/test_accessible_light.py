"""No page raises a barrier, on light ground. Charts are as every reader gets them first: test_charts tries the others."""

import pytest
from conftest import pages
from looks import barriers


@pytest.mark.parametrize("name", pages())
def test_the_page_raises_no_barrier(first_sight, name):
    assert barriers(first_sight(name, "light")) == []
