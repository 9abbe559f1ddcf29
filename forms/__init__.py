"""What is asked, and what an answer is: workbooks, XForms, instances. No network, no clock."""
