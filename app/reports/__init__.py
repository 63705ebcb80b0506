"""Reports: a neighbour says that something is wrong with an object, those who look after the place are told, look at it
and write down what they did. Who reported it stays between the two."""
