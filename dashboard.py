"""The door: draws the menu and runs the page."""

from pages.shared.frame import navigate

navigate().run()
