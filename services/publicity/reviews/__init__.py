"""Reviews (评审): who may review a work, marks on the campaign's rubric, works sent back to their authors."""
