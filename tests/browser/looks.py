"""What a page must look like in a browser; each function returns what is wrong, in words."""

WIDTHS = (360, 768, 1280)

# Text and boxes that stick out of the page to the right, the innermost first; what scrolls in its own box does not count.
OVERFLOW = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width + 1) return [];
  const scrolls = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== 'visible') return true;
    }
    return false;
  };
  return [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element))
    .slice(-3).map((element) => element.outerHTML.slice(0, 120));
}
"""
EMPTY_PICTURES = """
() => [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src)
"""
LOAD_PICTURES = """
async () => {
  const images = [...document.images];
  images.forEach((image) => { image.loading = 'eager'; });
  await Promise.all(images.map((image) => image.decode().catch(() => null)));
}
"""


def sticking_out(page, widths=WIDTHS) -> list[str]:
    """Elements that make a page scroll sideways, at each width."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"at {width} pixels: {element}" for element in page.evaluate(OVERFLOW)]
    return found


def missing_pictures(page) -> list[str]:
    """Pictures that could not be shown, all of them loaded now, also those further down."""
    page.evaluate(LOAD_PICTURES)
    return [f"no picture: {source}" for source in page.evaluate(EMPTY_PICTURES)]


# Everything that WCAG 2.2 asks for at levels A and AA and a program can check.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
         "resultTypes": ["violations"]}


# On a ground with a shade axe gives no judgement of the text.
PLAIN_GROUND = ".korus-scroll, .korus-equation, .pst-scrollable-table-container { background: none !important; }"


def barriers(page, width=1280) -> list[str]:
    """Violations of WCAG 2.2 A and AA that axe-core finds on a page of some width, with the first element of each."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    page.add_style_tag(content=PLAIN_GROUND)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']} ({len(rule['nodes'])} times): {rule['nodes'][0]['html'][:160]} "
            f"{' '.join(rule['nodes'][0].get('failureSummary', '').split())[:240]}" for rule in found]
