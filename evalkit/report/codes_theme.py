"""Problem codes of themes (`EVK-RUN-140` to `EVK-RUN-148`)."""

from evalkit.errors import declare

BAD_THEME = declare(
    "EVK-RUN-140",
    "the theme cannot be read: {what}",
    "name a folder that holds a file theme.yaml (docs/guides/themes.md shows one), or write `theme: neutral`",
)
UNKNOWN_THEME_KEY = declare("EVK-RUN-141", "a theme has no key {key}", "did you mean {near}?")
UNKNOWN_TOKEN = declare("EVK-RUN-142", "there is no colour called {token}", "did you mean {near}?")
BAD_COLOUR = declare(
    "EVK-RUN-143",
    "the colour {token} is not given for light and dark",
    "give two colours of the form #rrggbb under it: `light` and `dark`",
)
LOW_CONTRAST = declare(
    "EVK-RUN-144",
    "{text} on {ground} cannot be read well ({mode}): the contrast is {ratio}, 4.5 is needed",
    "choose a darker text or a lighter ground (the other way round in dark)",
)
BAD_THEME_FILE = declare(
    "EVK-RUN-145",
    "{file} cannot be a file of a theme",
    "list pictures and fonts beside theme.yaml: .svg, .png, .jpg, .webp, .woff2; letters, digits, `.`, `_`, `-`",
)
THEME_FILE_MISSING = declare(
    "EVK-RUN-146", "the file {file} of the theme is not there", "put it beside theme.yaml, or take its name out"
)
ACTIVE_THEME = declare(
    "EVK-RUN-147",
    "{file} holds {what}, which a page of evalkit does not allow",
    "no script, no inline style, nothing from elsewhere; pictures have an alt and are listed under `files`",
)
HEAVY_THEME = declare(
    "EVK-RUN-148",
    "the files of the theme weigh {size} KB, {most} KB are allowed",
    "make the pictures smaller, or take fewer fonts",
)
