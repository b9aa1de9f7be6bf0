"""What threads, topics and posts are: tables, who may read them, how they are written. No page."""
