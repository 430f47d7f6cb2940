"""QTI 1.2, as Canvas and others export it: an XML file, or a zip with several."""

from cli.questions.qti12.reading import is_qti12, read_qti12
from cli.questions.qti12.writing import write_qti12

__all__ = ["is_qti12", "read_qti12", "write_qti12"]
