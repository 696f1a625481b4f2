"""Pictures of shelves: something to look at in a demonstration and in tests, without any file from outside."""

from __future__ import annotations

from sample.shelf import HEIGHT, WIDTH, Rectangle, draw_shelf


def shelf_picture(seed: int) -> str:
    """Return the shelf of a seed as an SVG picture."""
    shelf = draw_shelf(seed)
    products = [part for product in shelf.products for part in (product.carton, product.label)]
    drawn = "".join(_element(one) for one in (*shelf.frame, *products))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
        f"<title>Shelf {seed}</title>{drawn}</svg>"
    )


def _element(one: Rectangle) -> str:
    return f'<rect x="{one.x:.1f}" y="{one.y:.1f}" width="{one.width:.1f}" height="{one.height:.1f}" fill="{one.fill}"/>'
