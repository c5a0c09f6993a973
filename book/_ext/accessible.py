"""Corrects in the built pages what screen readers trip over and no option of the theme changes."""

from self_contained import rewrite_pages

CORRECTIONS = {
    # The entries of a list of references; their old role is deprecated, and no list has such items.
    ' role="doc-biblioentry"': ' role="listitem"',
    # What folds the pages of a part in the list of contents.
    '<summary><span class="toctree-toggle"': '<summary aria-label="Its pages">'
    '<span class="toctree-toggle"',
    # The empty corner of a table is no heading.
    '<th class="head"><p></p></th>': '<td class="head"></td>',
}

# The theme lets the keyboard reach a line of code that is too long to be seen, but it looks for
# such lines only when the window changes, and not into what is folded.
LOOK_AGAIN = """
document.addEventListener("click", ({target}) => {
  if (target.closest(".admonition-title, summary")) dispatchEvent(new Event("resize"));
});
"""


def correct(app, exception):
    rewrite_pages(app, exception, corrected)


def corrected(text):
    for wrong, right in CORRECTIONS.items():
        text = text.replace(wrong, right)
    return text


def setup(app):
    app.add_js_file(None, body=LOOK_AGAIN)
    app.connect("build-finished", correct)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
