"""korus: the functions behind the report on the Korea–US economic alliance."""
