"""Sales that stand in a file more than once: they are read, with a warning."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from house_record import Value


def describe_repeats(ids: Sequence[int], rows: Sequence[tuple[Value, ...]], prices: Sequence[float]) -> list[str]:
    """Say how many sales repeat another one, and how many only its id."""
    sales = list(zip(rows, prices, strict=True))
    same, first = _count_repeats(sales, ids)
    same_id, first_id = _count_repeats([*zip(ids)], ids)
    warnings = []
    if same:
        warnings.append(f"{_count_sales(same)} another one in every field and the price, first Id {first}")
    if same_id and same_id != same:
        warnings.append(f"{_count_sales(same_id)} the Id of another one, first Id {first_id}")
    return warnings


def _count_repeats(keys: Iterable[Hashable], ids: Sequence[int]) -> tuple[int, int | None]:
    keys = list(keys)
    times = Counter(keys)
    first = next((number for number, key in zip(ids, keys, strict=True) if times[key] > 1), None)
    return len(keys) - len(times), first


def _count_sales(number: int) -> str:
    return "1 sale repeats" if number == 1 else f"{number:,} sales repeat"
