"""What the bias term does in a convolutional network: data, models, studies and charts, without Streamlit."""

__version__ = "1.0.0"
