"""GIFT, the text format of Moodle: https://docs.moodle.org/en/GIFT_format."""

from cli.questions.gift.reading import is_gift, read_gift
from cli.questions.gift.writing import write_gift

__all__ = ["is_gift", "read_gift", "write_gift"]
