"""The servers under load: ours, its peers, its floors."""
