"""Texts of question banks, which are HTML, as texts of a test's file, and back. The HTML never becomes a page."""

from cli.questions.html.reading import formula_losses, text_of
from cli.questions.html.writing import html_of

__all__ = ["formula_losses", "html_of", "text_of"]
