"""What visitors ask for and share: requests, jobs, queues, results; nothing here knows how a page looks."""
