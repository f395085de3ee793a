"""What an operator of the server looks at: metrics and health."""
