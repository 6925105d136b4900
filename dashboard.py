"""The door: for a visitor, draws the menu and runs the page; for the server, the app with what wraps every answer."""

import streamlit as st

from pages.shared import delivery, frame, visits

if __name__ == "__main__":
    frame.run()
else:
    app = st.App(__file__, middleware=delivery.MIDDLEWARE, lifespan=visits.house_keeping)
